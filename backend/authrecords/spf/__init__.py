"""SPF (RFC 7208): records judged by their text, and evaluated for a sender over the DNS."""

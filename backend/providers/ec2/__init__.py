"""Amazon EC2, over boto3."""

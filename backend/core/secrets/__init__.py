"""Secret values, the references that stand for them, and the store that keeps them."""

"""Money: what each of the four ways costs a month, and when training would pay itself back."""

"""The partner's own records beside the host's: each difference gets one cause, and the counts add up."""

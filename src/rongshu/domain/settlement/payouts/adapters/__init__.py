"""How money leaves, one module a provider. Each says what its file or call looks like and reads what came back."""

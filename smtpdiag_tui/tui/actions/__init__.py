"""What the app does, by purpose: a mixin or provider each."""

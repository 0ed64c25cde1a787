"""The vault's routes: secrets come out masked."""

"""What engines have in common that ask a server elsewhere, over HTTP."""

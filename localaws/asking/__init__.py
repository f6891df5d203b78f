"""`make api`: Schemathesis asks the whole system on loopback whatever its document says can be asked, and more."""

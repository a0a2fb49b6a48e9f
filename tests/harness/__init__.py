"""What the functional tests stand on: real Kinto servers, the daemon under test, and proxies that misbehave."""

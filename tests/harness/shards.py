"""Whose is what, among daemons that share the work: computed after the definition alone."""

WORD = (1 << 64) - 1


def weight(name: str, shard: int) -> int:
    """FNV-1a, 64 bits, finished with splitmix64's mix without its increment."""
    found = 0xCBF29CE484222325
    for byte in f"{name}#{shard}".encode():
        found = (found ^ byte) * 0x100000001B3 & WORD
    found = (found ^ (found >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    found = (found ^ (found >> 27)) * 0x94D049BB133111EB & WORD
    return found ^ (found >> 31)


def shard_of(name: str, shards: int) -> int:
    """`name`: "bucket/collection", or "bucket"."""
    return max(range(shards), key=lambda shard: weight(name, shard))


def shard_args(index: int, shards: int) -> tuple[str, str]:
    return "--shard", f"{index}/{shards}"

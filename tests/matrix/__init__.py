"""Every server that people really run: Kintos of all ages, their plugins and backends, and what stands in between."""

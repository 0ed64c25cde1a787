"""What a turn costs without us: the servers that ours is held against, as plain as they can be."""

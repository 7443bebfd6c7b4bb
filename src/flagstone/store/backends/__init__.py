"""Where blobs can lie: a directory, or this process's memory. Both keep `flagstone.testing.BlobStoreContract`."""

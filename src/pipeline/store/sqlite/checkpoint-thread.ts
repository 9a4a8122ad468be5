import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'

/** The thread of one checkpoint: merges the write-ahead log into the file, and ends. Writers and readers go on. */
const database = new DatabaseSync(workerData as string, { timeout: 0 })
database.exec('pragma wal_checkpoint(passive)')
database.close()

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SetupError } from './errors.ts'

/** One number of `/metrics`. */
export interface Metric {
  readonly name: string
  readonly help: string
  /** Tells apart the numbers of one name, which stand one after another. */
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

export interface Health {
  readonly ok: boolean
  /** One sentence about why not; null if all is well. */
  readonly problem: string | null
  /** One sentence about what the operator may want to mend although all is well, or null. */
  readonly note: string | null
}

/** The server of `/health` and `/metrics`. */
export interface HealthServer {
  readonly url: string
  close(): Promise<void>
}

interface Options {
  readonly port: number
  health(): Promise<Health>
  metrics(): Promise<readonly Metric[]>
}

/** `/health` (200 or 503, JSON) and `/metrics` (Prometheus text format 0.0.4), on 127.0.0.1 only. */
export const openHealth = async ({ port, health, metrics }: Options): Promise<HealthServer> => {
  const server = createServer((request, response) => {
    const answer = async () => {
      if (request.url === '/health') {
        const found = await health()
        response
          .writeHead(found.ok ? 200 : 503, { 'content-type': 'application/json' })
          .end(`${JSON.stringify(found)}\n`)
      } else if (request.url === '/metrics') {
        const text = exposition(await metrics())
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
      } else response.writeHead(404).end()
    }
    answer().catch(() => response.writeHead(503).end())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(new SetupError(`HTTP_PORT: port ${port} is in use; choose another or end the other program`))
      else if (error.code === 'EACCES')
        reject(new SetupError(`HTTP_PORT: no permission to listen on port ${port}; choose one above 1023`))
      else reject(error)
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The Prometheus text format; numbers of one name share its two lines. */
const exposition = (metrics: readonly Metric[]): string =>
  metrics
    .map(({ name, help, labels = {}, value }, at) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
      const head = metrics[at - 1]?.name === name ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
      return `${head}${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`
    })
    .join('')

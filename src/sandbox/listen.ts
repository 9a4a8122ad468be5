import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The port is not available. The message tells the operator what to do. */
export class PortError extends Error {
  override readonly name = 'PortError'
}

/** Listens on 127.0.0.1 only and resolves with the port. */
export const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(
          new PortError(
            `SANDBOX_PORT: port ${port} on 127.0.0.1 is already in use; ` +
              'end the program that has it, or set SANDBOX_PORT to another port (0 takes a free one).',
          ),
        )
      else if (error.code === 'EACCES')
        reject(
          new PortError(
            `SANDBOX_PORT: no permission to listen on port ${port}; set SANDBOX_PORT to a port above 1023.`,
          ),
        )
      else reject(error)
    }
    server.once('error', fail)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail)
      resolve((server.address() as AddressInfo).port)
    })
  })

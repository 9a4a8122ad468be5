import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody else has the port. The message is meant for the operator. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError'
  readonly port: number
  constructor(port: number) {
    super(
      `SANDBOX_PORT: port ${port} on 127.0.0.1 is already in use; end the program that has it, or set SANDBOX_PORT to another port (0 takes a free one).`,
    )
    this.port = port
  }
}

/** Ports below 1024 are not everybody's. */
class PortDeniedError extends Error {
  override readonly name = 'PortDeniedError'
  constructor(port: number) {
    super(`SANDBOX_PORT: no permission to listen on port ${port}; set SANDBOX_PORT to a port above 1023.`)
  }
}

/** Listens on loopback only, and says which port it got. */
export const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new PortInUseError(port))
      else if (error.code === 'EACCES') reject(new PortDeniedError(port))
      else reject(error)
    }
    server.once('error', fail)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail)
      resolve((server.address() as AddressInfo).port)
    })
  })

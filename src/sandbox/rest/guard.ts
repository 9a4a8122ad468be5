import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Returns the reason to refuse a request, or null. Any web page in the visitor's browser can send requests to
 * 127.0.0.1, and a name that resolves to it (DNS rebinding) makes them look same-origin to the browser. So the Host
 * must be a loopback name, and the Origin, if there is one, must be the same host.
 */
export const refuseStranger = (headers: IncomingHttpHeaders): string | null => {
  const host = headers.host ?? ''
  const name = /^(\[[^\]]+\]|[^:]+)(?::\d+)?$/.exec(host)?.[1]?.toLowerCase()
  if (name === undefined || !LOOPBACK.has(name)) return 'This local Discord answers only to 127.0.0.1 and localhost.'
  const { origin } = headers
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return 'Another website may not use this local Discord.'
  const site = headers['sec-fetch-site']
  const navigation = headers['sec-fetch-mode'] === 'navigate'
  if ((site === 'cross-site' || site === 'same-site') && !navigation)
    return 'Another website may not use this local Discord.'
  return null
}

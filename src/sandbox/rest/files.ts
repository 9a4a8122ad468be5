import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'
import { shownType } from '../image-size.ts'
import type { Stand } from '../stand.ts'
import type { Env } from './request.ts'

const PAGE = fileURLToPath(new URL('../page/', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** Scripts and styles come from here alone; pictures may come from where an embed points. */
const policy = (host: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data: https:",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** The page, and what people uploaded. */
export const fileRoutes = (stand: Stand, app: Hono<Env>): void => {
  app.use(async (c, next) => {
    await next()
    c.res.headers.set('x-content-type-options', 'nosniff')
    c.res.headers.set('referrer-policy', 'no-referrer')
    c.res.headers.set('cross-origin-resource-policy', 'same-origin')
  })

  app.get('/', (c) => {
    const page = pageFile('index.html')
    return page
      ? c.body(page, 200, {
          'content-type': TYPES['.html']!,
          'content-security-policy': policy(c.req.header('host') ?? ''),
          'cache-control': 'no-store',
        })
      : c.notFound()
  })
  app.get('/page/:file', (c) => {
    const name = c.req.param('file')
    const type = TYPES[extname(name)]
    const body = type ? pageFile(name) : null
    return body && type ? c.body(body, 200, { 'content-type': type, 'cache-control': 'no-cache' }) : c.notFound()
  })
  app.get('/favicon.ico', (c) => c.redirect('/page/bot.svg'))
  // A Korean font for machines that have none; the browser asks for it only then.
  app.get('/fonts/korean.ttf', (c) => {
    const font = koreanFont()
    return font ? c.body(font, 200, { 'content-type': 'font/ttf', 'cache-control': 'max-age=86400' }) : c.notFound()
  })

  app.get('/cdn/attachments/:channel/:id/:filename', (c) => {
    const { channel, id, filename } = c.req.param()
    const known = [...stand.world.messages(channel), ...stand.posting.ephemerals()].some((stored) =>
      stored.files.some((file) => file.id === id),
    )
    const bytes = known ? stand.world.journal.getFile(id) : null
    if (!bytes) return c.notFound()
    const type = shownType(filename)
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': type ?? 'application/octet-stream',
      'content-disposition': `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(filename)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=31536000, immutable',
    })
  })
  // Default pictures of people and programs, by whatever number.
  app.get('/cdn/embed/avatars/:file', (c) => {
    const body = pageFile('bot.svg')
    return body ? c.body(body, 200, { 'content-type': 'image/svg+xml' }) : c.notFound()
  })
}

const pageFile = (name: string): Uint8Array<ArrayBuffer> | null => {
  const path = normalize(join(PAGE, name))
  if (!path.startsWith(PAGE)) return null
  try {
    return new Uint8Array(readFileSync(path))
  } catch {
    return null
  }
}

const koreanFont = (): Uint8Array<ArrayBuffer> | null => {
  try {
    const home = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/nanum-gothic/package.json'))
    return new Uint8Array(readFileSync(join(home, '400Regular', 'NanumGothic_400Regular.ttf')))
  } catch {
    return null
  }
}

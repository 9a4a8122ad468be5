import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Context, Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { shownType } from '../image-size.ts'
import type { LocalDiscord } from '../local-discord.ts'
import type { Env } from './request.ts'

const PAGE = fileURLToPath(new URL('../page/', import.meta.url))
const BOT_PICTURE = join(PAGE, 'bot.svg')
const KOREAN_FONT = createRequire(import.meta.url).resolve(
  '@expo-google-fonts/nanum-gothic/400Regular/NanumGothic_400Regular.ttf',
)

/** Scripts and styles come only from this server; pictures may come from any address that an embed names. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  fontSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'https:'],
  connectSrc: ["'self'", (c: Context) => `ws://${c.req.header('host')}`],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
}

const cache = (value: string) => (_path: string, c: Context) => c.header('cache-control', value)

/** Adds the routes of the page's files and of uploads. */
export const addFileRoutes = (discord: LocalDiscord, app: Hono<Env>): void => {
  // The local Discord speaks plain HTTP, so it does not ask for HTTPS. An upload sets a stricter policy of its own.
  app.use(
    secureHeaders({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      strictTransportSecurity: false,
      overwrite: false,
    }),
  )

  app.get('/', serveStatic({ path: join(PAGE, 'index.html'), onFound: cache('no-store') }))
  app.get(
    '/page/:file',
    serveStatic({
      root: PAGE,
      rewriteRequestPath: (path) => path.replace('/page/', ''),
      onFound: cache('no-cache'),
    }),
  )
  app.get('/favicon.ico', (c) => c.redirect('/page/bot.svg'))
  // The browser asks for this font only on a machine that has no Korean one.
  app.get('/fonts/korean.ttf', serveStatic({ path: KOREAN_FONT, onFound: cache('max-age=86400') }))

  app.get('/cdn/attachments/:channel/:id/:filename', (c) => {
    const { channel, id, filename } = c.req.param()
    const known = [...discord.world.messages(channel), ...discord.posting.ephemerals()].some((stored) =>
      stored.files.some((file) => file.id === id),
    )
    const bytes = known ? discord.world.journal.getFile(id) : null
    if (!bytes) return c.notFound()
    const type = shownType(filename)
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': type ?? 'application/octet-stream',
      'content-disposition': `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(filename)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=31536000, immutable',
    })
  })
  // Every user has the same default picture, whatever its number.
  app.get('/cdn/embed/avatars/:file', serveStatic({ path: BOT_PICTURE }))
}

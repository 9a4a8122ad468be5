import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { Hono } from 'hono'
import {
  cannotMessageUser,
  FormErrors,
  invalidForm,
  missingPermissions,
  unknownMember,
  unknownUser,
} from '../api-error.ts'
import { Checks } from '../limits/check.ts'
import { LOCALES } from '../limits/commands.ts'
import type { LocalDiscord } from '../local-discord.ts'
import { openGuild } from '../open-guild.ts'
import { applicationPayload, channelPayload, guildPayload, memberPayload, rolePayload } from '../payloads.ts'
import { rateLimit } from './rate-limit.ts'
import { channelParam, type Env, guildParam, objectBody, type Request, requireBot } from './request.ts'

/** Adds the routes of guilds, channels and people, and of the gateway's address. */
export const addGuildRoutes = (discord: LocalDiscord, api: Hono<Env>): void => {
  const { world } = discord
  const self = (c: Request) =>
    c.var.actor === 'bot' ? world.cast.bot : { ...world.cast.visitor, locale: world.visitorLocale }
  const userOf = (id: string) => [world.cast.bot, world.cast.visitor].find((user) => user.id === id)

  api.get('/gateway', (c) => c.json({ url: discord.gatewayUrl() }))
  api.get('/gateway/bot', (c) => {
    requireBot(c)
    return c.json({ url: discord.gatewayUrl(), shards: 1, session_start_limit: discord.sessionStarts() })
  })

  for (const path of ['/oauth2/applications/@me', '/applications/@me'])
    api.get(path, (c) => {
      requireBot(c)
      return c.json(applicationPayload(world))
    })

  api.get('/users/@me', (c) => c.json(self(c)))
  api.patch('/users/@me/settings', async (c) => {
    if (c.var.actor === 'bot') throw missingPermissions()
    const { locale } = await objectBody(c)
    world.setVisitorLocale(checkedLocale(locale, 'locale'))
    return c.json({ locale: world.visitorLocale })
  })
  api.get('/users/@me/guilds', rateLimit(discord, 'my-guilds', { limit: 10, perMs: 10_000 }), (c) =>
    c.json(
      [...world.guilds.values()].map((guild) => ({
        id: guild.id,
        name: guild.name,
        icon: null,
        banner: null,
        owner: c.var.actor === 'visitor',
        permissions: world.permissions(c.var.actor, guild, null).toString(),
        features: [],
      })),
    ),
  )
  api.post('/users/@me/channels', () => {
    throw cannotMessageUser()
  })
  api.get('/users/:user', (c) => {
    const user = userOf(c.req.param('user'))
    if (!user) throw unknownUser()
    return c.json(user)
  })

  api.post('/guilds', async (c) => {
    if (c.var.actor === 'bot') throw missingPermissions()
    const errors = new FormErrors()
    const name = new Checks(errors).text((await objectBody(c)).name, ['name'], { min: 2, max: 100, required: true })
    errors.throwIfAny()
    return c.json(guildPayload(openGuild(discord, { name, locale: world.visitorLocale })), 201)
  })
  api.get('/guilds/:guild', (c) => c.json(guildPayload(guildParam(discord, c))))
  api.patch('/guilds/:guild', async (c) => {
    const guild = guildParam(discord, c)
    if (!(world.permissions(c.var.actor, guild, null) & PermissionFlagsBits.ManageGuild)) throw missingPermissions()
    const { preferred_locale } = await objectBody(c)
    if (preferred_locale !== undefined) guild.locale = checkedLocale(preferred_locale, 'preferred_locale')
    world.saveGuild(guild)
    const payload = guildPayload(guild)
    discord.hub.toBots('GUILD_UPDATE', payload, guild.id)
    discord.hub.toVisitors('GUILD_UPDATE', payload)
    return c.json(payload)
  })
  api.get('/guilds/:guild/channels', (c) => {
    const guild = guildParam(discord, c)
    const visible = guild.channels.filter(
      (channel) =>
        c.var.actor === 'bot' || world.permissions('visitor', guild, channel) & PermissionFlagsBits.ViewChannel,
    )
    return c.json(visible.map((channel) => channelPayload(world, channel)))
  })
  api.get('/guilds/:guild/roles', (c) => c.json(rolePayload(guildParam(discord, c))))
  api.get('/guilds/:guild/members', (c) => {
    const guild = guildParam(discord, c)
    return c.json([world.cast.bot, world.cast.visitor].map((user) => memberPayload(world, guild, user)))
  })
  api.get('/guilds/:guild/members/:user', (c) => {
    const guild = guildParam(discord, c)
    const id = c.req.param('user')
    const user = id === '@me' ? self(c) : userOf(id)
    if (!user) throw unknownMember()
    return c.json(memberPayload(world, guild, user))
  })
  api.delete('/users/@me/guilds/:guild', (c) => {
    requireBot(c)
    const guild = guildParam(discord, c)
    world.removeGuild(guild.id)
    discord.hub.toBots('GUILD_DELETE', { id: guild.id }, guild.id)
    discord.hub.toVisitors('GUILD_DELETE', { id: guild.id })
    return c.body(null, 204)
  })

  api.get('/channels/:channel', (c) => c.json(channelPayload(world, channelParam(discord, c).channel)))
}

const checkedLocale = (locale: unknown, place: string): string =>
  typeof locale === 'string' && LOCALES.has(locale)
    ? locale
    : invalidForm([place], 'BASE_TYPE_CHOICES', 'Not a locale that Discord knows.')

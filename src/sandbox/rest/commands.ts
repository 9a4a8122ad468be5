import { ApplicationCommandType, ApplicationIntegrationType } from 'discord-api-types/v10'
import type { Hono } from 'hono'
import { unknownCommand } from '../api-error.ts'
import type { Json } from '../limits/check.ts'
import { checkCommands, checkOneCommand } from '../limits/commands.ts'
import type { LocalDiscord } from '../local-discord.ts'
import { applicationPayload } from '../payloads.ts'
import { compareSnowflakes } from '../snowflake.ts'
import type { Command } from '../types.ts'
import { rateLimit } from './rate-limit.ts'
import {
  type Env,
  guildParam,
  jsonBody,
  localeOf,
  objectBody,
  type Request,
  requireApplication,
  requireBot,
} from './request.ts'

/** Adds the routes of application commands, which are registered everywhere or in one guild. */
export const addCommandRoutes = (discord: LocalDiscord, api: Hono<Env>): void => {
  for (const base of [
    '/applications/:application/commands',
    '/applications/:application/guilds/:guild/commands',
  ] as const) {
    const scopeOf = (c: Request): string | null => {
      requireApplication(discord, c)
      return base.includes(':guild') ? guildParam(discord, c).id : null
    }
    const find = (c: Request, scope: string | null): Command => {
      const command = discord.world.commands(scope).find(({ id }) => id === c.req.param('command'))
      if (!command) throw unknownCommand()
      return command
    }
    const save = (scope: string | null, commands: readonly Command[]) => {
      discord.world.setCommands(scope, commands)
      discord.hub.toVisitors('GUILD_APPLICATION_COMMAND_INDEX_UPDATE', {
        guild_id: scope,
        application_id: discord.world.cast.applicationId,
      })
    }
    const rate = rateLimit(discord, `commands ${base}`, { limit: 20, perMs: 20_000 })

    api.get(base, rate, (c) => {
      const scope = scopeOf(c)
      return c.json(discord.world.commands(scope).map((command) => shown(discord, c, command)))
    })
    api.put(base, rate, async (c) => {
      requireBot(c)
      const scope = scopeOf(c)
      const before = discord.world.commands(scope)
      const commands = checkCommands(await jsonBody(c)).map((json) => toCommand(discord, scope, json, before))
      save(scope, commands)
      return c.json(commands)
    })
    api.post(base, rate, async (c) => {
      requireBot(c)
      const scope = scopeOf(c)
      const before = discord.world.commands(scope)
      const command = toCommand(discord, scope, checkOneCommand(await jsonBody(c)), before)
      const known = before.some(({ id }) => id === command.id)
      checkCommands(known ? before : [...before, command])
      save(scope, [...before.filter(({ id }) => id !== command.id), command])
      return c.json(command, known ? 200 : 201)
    })
    api.get(`${base}/:command`, rate, (c) => c.json(shown(discord, c, find(c, scopeOf(c)))))
    api.patch(`${base}/:command`, rate, async (c) => {
      requireBot(c)
      const scope = scopeOf(c)
      const old = find(c, scope)
      const merged = checkOneCommand({ ...old, ...(await objectBody(c)) })
      const command = { ...toCommand(discord, scope, merged, []), id: old.id }
      save(
        scope,
        discord.world.commands(scope).map((one) => (one.id === old.id ? command : one)),
      )
      return c.json(command)
    })
    api.delete(`${base}/:command`, rate, (c) => {
      requireBot(c)
      const scope = scopeOf(c)
      const gone = find(c, scope)
      save(
        scope,
        discord.world.commands(scope).filter(({ id }) => id !== gone.id),
      )
      return c.body(null, 204)
    })
  }
  api.get('/applications/:application/guilds/:guild/commands/permissions', (c) => c.json([]))
  // A person's own client asks here for the commands it can run in a guild.
  api.get('/guilds/:guild/application-command-index', (c) => {
    const guild = guildParam(discord, c)
    const commands = [...discord.world.commands(guild.id), ...discord.world.commands(null)]
    return c.json({
      applications: [applicationPayload(discord.world)],
      application_commands: commands.map((command) => shown(discord, c, command)),
      version:
        commands
          .map(({ version }) => version)
          .sort(compareSnowflakes)
          .at(-1) ?? '0',
    })
  })
}

/** A command has the same id as long as its name and type stay; its version changes with its content. */
const toCommand = (discord: LocalDiscord, scope: string | null, json: Json, before: readonly Command[]): Command => {
  const type = typeof json.type === 'number' ? json.type : ApplicationCommandType.ChatInput
  const old = before.find((one) => one.name === json.name && one.type === type)
  const command = {
    id: old?.id ?? discord.snowflakes.next(),
    application_id: discord.world.cast.applicationId,
    version: old?.version ?? discord.snowflakes.next(),
    default_member_permissions: json.default_member_permissions ?? null,
    type,
    name: json.name,
    name_localizations: json.name_localizations ?? null,
    description: json.description ?? '',
    description_localizations: json.description_localizations ?? null,
    ...(scope === null ? { dm_permission: json.dm_permission ?? true } : { guild_id: scope }),
    contexts: json.contexts ?? null,
    integration_types: json.integration_types ?? [ApplicationIntegrationType.GuildInstall],
    options: json.options ?? [],
    nsfw: json.nsfw ?? false,
  } as unknown as Command
  return old && JSON.stringify(old) !== JSON.stringify(command)
    ? { ...command, version: discord.snowflakes.next() }
    : command
}

/** Programs get every translation if they ask for it; people also get name and description in their own language. */
const shown = (discord: LocalDiscord, c: Request, command: Command): object => {
  const locale = localeOf(discord, c) as keyof NonNullable<Command['name_localizations']>
  const localized = {
    name_localized: command.name_localizations?.[locale] ?? command.name,
    description_localized: command.description_localizations?.[locale] ?? command.description,
  }
  if (c.var.actor === 'visitor') return { ...command, ...localized }
  if (c.req.query('with_localizations') === 'true') return command
  const { name_localizations: _, description_localizations: __, ...plain } = command
  return plain
}

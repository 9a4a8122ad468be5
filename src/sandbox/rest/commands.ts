import type { Hono } from 'hono'
import { unknownCommand } from '../api-error.ts'
import type { Json } from '../limits/check.ts'
import { checkCommands, checkOneCommand } from '../limits/commands.ts'
import { applicationPayload } from '../payloads.ts'
import { compareSnowflakes } from '../snowflake.ts'
import type { Stand } from '../stand.ts'
import type { Command } from '../types.ts'
import { limited } from './limited.ts'
import {
  applicationParam,
  botOnly,
  type Env,
  guildParam,
  jsonBody,
  localeOf,
  objectBody,
  type Request,
} from './request.ts'

/** Application commands: everywhere, or in one guild. */
export const commandRoutes = (stand: Stand, api: Hono<Env>): void => {
  for (const base of [
    '/applications/:application/commands',
    '/applications/:application/guilds/:guild/commands',
  ] as const) {
    const scopeOf = (c: Request): string | null => {
      applicationParam(stand, c)
      return base.includes(':guild') ? guildParam(stand, c).id : null
    }
    const find = (c: Request, scope: string | null): Command => {
      const command = stand.world.commands(scope).find(({ id }) => id === c.req.param('command'))
      if (!command) throw unknownCommand()
      return command
    }
    const save = (scope: string | null, commands: readonly Command[]) => {
      stand.world.setCommands(scope, commands)
      stand.hub.toVisitors('GUILD_APPLICATION_COMMAND_INDEX_UPDATE', {
        guild_id: scope,
        application_id: stand.world.cast.applicationId,
      })
    }
    const rate = limited(stand, `commands ${base}`, { limit: 20, perMs: 20_000 })

    api.get(base, rate, (c) => {
      const scope = scopeOf(c)
      return c.json(stand.world.commands(scope).map((command) => shown(stand, c, command)))
    })
    api.put(base, rate, async (c) => {
      botOnly(c)
      const scope = scopeOf(c)
      const before = stand.world.commands(scope)
      const commands = checkCommands(await jsonBody(c)).map((json) => toCommand(stand, scope, json, before))
      save(scope, commands)
      return c.json(commands)
    })
    api.post(base, rate, async (c) => {
      botOnly(c)
      const scope = scopeOf(c)
      const before = stand.world.commands(scope)
      const command = toCommand(stand, scope, checkOneCommand(await jsonBody(c)), before)
      const known = before.some(({ id }) => id === command.id)
      checkCommands(known ? before : [...before, command])
      save(scope, [...before.filter(({ id }) => id !== command.id), command])
      return c.json(command, known ? 200 : 201)
    })
    api.get(`${base}/:command`, rate, (c) => c.json(shown(stand, c, find(c, scopeOf(c)))))
    api.patch(`${base}/:command`, rate, async (c) => {
      botOnly(c)
      const scope = scopeOf(c)
      const old = find(c, scope)
      const merged = checkOneCommand({ ...old, ...(await objectBody(c)) })
      const command = { ...toCommand(stand, scope, merged, []), id: old.id }
      save(
        scope,
        stand.world.commands(scope).map((one) => (one.id === old.id ? command : one)),
      )
      return c.json(command)
    })
    api.delete(`${base}/:command`, rate, (c) => {
      botOnly(c)
      const scope = scopeOf(c)
      const gone = find(c, scope)
      save(
        scope,
        stand.world.commands(scope).filter(({ id }) => id !== gone.id),
      )
      return c.body(null, 204)
    })
  }
  api.get('/applications/:application/guilds/:guild/commands/permissions', (c) => c.json([]))
  // How a person's own client learns what it can run in a guild.
  api.get('/guilds/:guild/application-command-index', (c) => {
    const guild = guildParam(stand, c)
    const commands = [...stand.world.commands(guild.id), ...stand.world.commands(null)]
    return c.json({
      applications: [applicationPayload(stand.world)],
      application_commands: commands.map((command) => shown(stand, c, command)),
      version:
        commands
          .map(({ version }) => version)
          .sort(compareSnowflakes)
          .at(-1) ?? '0',
    })
  })
}

/** A command keeps its id as long as its name and type stay; its version changes with its content. */
const toCommand = (stand: Stand, scope: string | null, json: Json, before: readonly Command[]): Command => {
  const type = typeof json.type === 'number' ? json.type : 1
  const old = before.find((one) => one.name === json.name && one.type === type)
  const command = {
    id: old?.id ?? stand.snowflakes.next(),
    application_id: stand.world.cast.applicationId,
    version: old?.version ?? stand.snowflakes.next(),
    default_member_permissions: json.default_member_permissions ?? null,
    type,
    name: json.name,
    name_localizations: json.name_localizations ?? null,
    description: json.description ?? '',
    description_localizations: json.description_localizations ?? null,
    ...(scope === null ? { dm_permission: json.dm_permission ?? true } : { guild_id: scope }),
    contexts: json.contexts ?? null,
    integration_types: json.integration_types ?? [0],
    options: json.options ?? [],
    nsfw: json.nsfw ?? false,
  } as unknown as Command
  return old && JSON.stringify(old) !== JSON.stringify(command)
    ? { ...command, version: stand.snowflakes.next() }
    : command
}

/** Programs see every translation when they ask; people also get name and description in their own language. */
const shown = (stand: Stand, c: Request, command: Command): object => {
  const locale = localeOf(stand, c) as keyof NonNullable<Command['name_localizations']>
  const localized = {
    name_localized: command.name_localizations?.[locale] ?? command.name,
    description_localized: command.description_localizations?.[locale] ?? command.description,
  }
  if (c.var.actor === 'visitor') return { ...command, ...localized }
  if (c.req.query('with_localizations') === 'true') return command
  const { name_localizations: _, description_localizations: __, ...plain } = command
  return plain
}

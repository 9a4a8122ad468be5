import { createHash } from 'node:crypto'
import { type Client, type RESTPostAPIChatInputApplicationCommandsJSONBody, Routes } from 'discord.js'
import { stringify } from 'safe-stable-stringify'

/** Small texts by name that outlast a restart. */
export interface KeyValues {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
}

interface Registration {
  readonly client: Client<true>
  readonly commands: readonly RESTPostAPIChatInputApplicationCommandsJSONBody[]
  /** The only guild that gets the commands, which shows them at once. Without it the commands are global. */
  readonly guildId?: string | undefined
  readonly keyValues: KeyValues
}

/**
 * Replaces the application's commands by ours in one call if ours have changed since the last call that worked, or if
 * the names at Discord differ from ours. Discord allows 200 such calls a day.
 */
export const registerCommands = async ({
  client,
  commands,
  guildId,
  keyValues,
}: Registration): Promise<'registered' | 'unchanged'> => {
  const applicationId = client.application.id
  const name = `commands:${applicationId}:${guildId ?? 'global'}`
  const hash = commandsHash(commands)
  const route =
    guildId === undefined
      ? Routes.applicationCommands(applicationId)
      : Routes.applicationGuildCommands(applicationId, guildId)
  if ((await keyValues.get(name)) === hash && sameNames((await client.rest.get(route)) as { name: string }[], commands))
    return 'unchanged'
  await client.rest.put(route, { body: commands })
  await keyValues.set(name, hash)
  return 'registered'
}

const sameNames = (there: readonly { name: string }[], ours: readonly { name: string }[]): boolean => {
  const names = new Set(there.map(({ name }) => name))
  return names.size === ours.length && ours.every(({ name }) => names.has(name))
}

/** A hash that does not depend on the order of keys. */
export const commandsHash = (commands: readonly RESTPostAPIChatInputApplicationCommandsJSONBody[]): string =>
  createHash('sha256').update(stringify(commands)).digest('hex')

import type { HttpBindings } from '@hono/node-server'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { Context } from 'hono'
import {
  invalidForm,
  invalidFormBody,
  malformedBody,
  missingAccess,
  missingPermissions,
  unauthorized,
  unknownApplication,
  unknownChannel,
  unknownGuild,
} from '../api-error.ts'
import { isObject, type Json } from '../limits/check.ts'
import { LOCALES } from '../limits/commands.ts'
import type { MessageForm, Upload } from '../limits/message.ts'
import type { LocalDiscord } from '../local-discord.ts'
import type { PermissionName } from '../permissions.ts'
import { isSnowflake } from '../snowflake.ts'
import type { Actor, Channel, Guild } from '../types.ts'

export interface Env {
  Bindings: HttpBindings
  Variables: { actor: Actor }
}
export type Request = Context<Env>

export const jsonBody = async (c: Request): Promise<unknown> => {
  try {
    return await c.req.json()
  } catch {
    throw malformedBody()
  }
}

export const objectBody = async (c: Request): Promise<Json> => {
  const body = await jsonBody(c)
  if (!isObject(body)) throw malformedBody()
  return body
}

/** Reads a JSON body, or a multipart form whose `payload_json` is the JSON and whose `files[n]` are the files. */
export const messageForm = async (c: Request): Promise<MessageForm> => {
  if (!c.req.header('content-type')?.startsWith('multipart/form-data'))
    return { json: await objectBody(c), uploads: [] }
  let form: FormData
  try {
    form = await c.req.raw.formData()
  } catch {
    throw invalidFormBody()
  }
  const text = form.get('payload_json')
  const uploads: Upload[] = []
  for (const [name, value] of form) {
    if (typeof value === 'string') continue
    uploads.push({
      index: /^files\[(\d+)\]$/.exec(name)?.[1] ?? String(uploads.length),
      filename: value.name,
      bytes: await value.bytes(),
    })
  }
  try {
    const json: unknown = typeof text === 'string' ? JSON.parse(text) : {}
    if (isObject(json)) return { json, uploads }
  } catch {
    // Text that is not JSON gets the same answer as JSON that is not an object.
  }
  throw malformedBody()
}

/** The id of this name in the path; Discord refuses a path with a malformed one. */
export const idParam = (c: Request, name: string): string => {
  const id = c.req.param(name)
  return isSnowflake(id) ? id : invalidForm([name], 'NUMBER_TYPE_COERCE', `Value "${String(id)}" is not snowflake.`)
}

export const guildParam = (discord: LocalDiscord, c: Request): Guild => {
  const guild = discord.world.guilds.get(idParam(c, 'guild'))
  if (!guild) throw unknownGuild()
  return guild
}

/** The channel of a path, if the caller may see it, with the caller's permissions in it. */
export const channelParam = (
  discord: LocalDiscord,
  c: Request,
): {
  guild: Guild
  channel: Channel
  requirePermission: (name: PermissionName) => void
  lacks: (name: PermissionName) => boolean
} => {
  const located = discord.world.channel(idParam(c, 'channel'))
  if (!located) throw unknownChannel()
  const bits = discord.world.permissions(c.var.actor, located.guild, located.channel)
  if (!(bits & PermissionFlagsBits.ViewChannel)) throw missingAccess()
  const lacks = (name: PermissionName) => !(bits & PermissionFlagsBits[name])
  const requirePermission = (name: PermissionName) => {
    if (lacks(name)) throw missingPermissions()
  }
  return { ...located, requirePermission, lacks }
}

/** Refuses a path that names another application than the bot's. */
export const requireApplication = (discord: LocalDiscord, c: Request): void => {
  if (idParam(c, 'application') !== discord.world.cast.applicationId) throw unknownApplication()
}

export const requireBot = (c: Request): void => {
  if (c.var.actor !== 'bot') throw unauthorized()
}

/** The caller's language: the one in the body or the header, else the one chosen before. */
export const localeOf = (discord: LocalDiscord, c: Request, requested?: unknown): string => {
  const candidate = requested ?? c.req.header('x-discord-locale')
  const full = candidate === 'en' ? 'en-US' : candidate
  return typeof full === 'string' && LOCALES.has(full) ? full : discord.world.visitorLocale
}

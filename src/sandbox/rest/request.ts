import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import {
  ApiError,
  invalidForm,
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
import { Permission, type PermissionName } from '../permissions.ts'
import { isSnowflake } from '../snowflake.ts'
import type { Stand } from '../stand.ts'
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

/** JSON, or a multipart form whose `payload_json` is the JSON and whose `files[n]` are the files. */
export const messageForm = async (c: Request): Promise<MessageForm> => {
  if (!c.req.header('content-type')?.startsWith('multipart/form-data'))
    return { json: await objectBody(c), uploads: [] }
  let form: FormData
  try {
    form = await c.req.raw.formData()
  } catch {
    throw new ApiError(400, 50035, 'Invalid Form Body')
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
    // Falls through: the same answer as for any other text that is not an object.
  }
  throw malformedBody()
}

/** An id of a path, or Discord's complaint about it. */
export const idParam = (c: Request, name: string): string => {
  const id = c.req.param(name)
  return isSnowflake(id) ? id : invalidForm([name], 'NUMBER_TYPE_COERCE', `Value "${String(id)}" is not snowflake.`)
}

export const guildParam = (stand: Stand, c: Request): Guild => {
  const guild = stand.world.guilds.get(idParam(c, 'guild'))
  if (!guild) throw unknownGuild()
  return guild
}

/** The channel of a path, when the one who asks may see it. */
export const channelParam = (
  stand: Stand,
  c: Request,
): {
  guild: Guild
  channel: Channel
  may: (name: PermissionName) => void
  lacks: (name: PermissionName) => boolean
} => {
  const found = stand.world.channel(idParam(c, 'channel'))
  if (!found) throw unknownChannel()
  const bits = stand.world.permissions(c.var.actor, found.guild, found.channel)
  if (!(bits & Permission.ViewChannel)) throw missingAccess()
  const lacks = (name: PermissionName) => !(bits & Permission[name])
  const may = (name: PermissionName) => {
    if (lacks(name)) throw missingPermissions()
  }
  return { ...found, may, lacks }
}

/** Routes about an application are its own; a visitor may only read. */
export const applicationParam = (stand: Stand, c: Request): void => {
  if (idParam(c, 'application') !== stand.world.cast.applicationId) throw unknownApplication()
}

export const botOnly = (c: Request): void => {
  if (c.var.actor !== 'bot') throw unauthorized()
}

/** The language of the person who asks: said in the body or the header, else as chosen before. */
export const localeOf = (stand: Stand, c: Request, said?: unknown): string => {
  const candidate = said ?? c.req.header('x-discord-locale')
  const full = candidate === 'en' ? 'en-US' : candidate
  return typeof full === 'string' && LOCALES.has(full) ? full : stand.world.visitorLocale
}

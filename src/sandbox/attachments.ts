import type { APIEmbed } from 'discord-api-types/v10'
import { invalidForm } from './api-error.ts'
import { imageSize, shownType } from './image-size.ts'
import type { Journal } from './journal.ts'
import { isObject, type Json } from './limits/check.ts'
import type { MessageDraft, Upload } from './limits/message.ts'
import type { Snowflakes } from './snowflake.ts'
import type { StoredFile } from './types.ts'

interface Parts {
  readonly world: { readonly journal: Journal }
  readonly snowflakes: Snowflakes
  readonly cdnUrl: () => string
}

/** Saves a draft's uploads. Returns all files of the message: the old ones that the draft still lists, then the new. */
export const arrangeFiles = (
  parts: Parts,
  channelId: string,
  draft: MessageDraft,
  before: readonly StoredFile[],
): StoredFile[] => {
  const entryOf = (id: string) => draft.attachments?.find((entry) => String(entry.id) === id)
  const remaining = before
    .filter((file) => draft.attachments === undefined || entryOf(file.id))
    .map((file) => ({ ...file, ...descriptionOf(entryOf(file.id)) }))
  const uploaded = draft.uploads.map((upload) => saveFile(parts, channelId, upload, entryOf(upload.index)))
  return [...remaining, ...uploaded]
}

const descriptionOf = (entry: Json | StoredFile | undefined): { description?: string } =>
  typeof entry?.description === 'string' ? { description: entry.description } : {}

const saveFile = (parts: Parts, channelId: string, upload: Upload, entry: Json | undefined): StoredFile => {
  const id = parts.snowflakes.next()
  const requestedName = typeof entry?.filename === 'string' ? entry.filename : upload.filename
  // Like Discord, replaces characters that do not belong in a URL by an underscore.
  const filename = requestedName.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(-200) || 'file'
  const size = imageSize(upload.bytes)
  const url = `${parts.cdnUrl()}/attachments/${channelId}/${id}/${encodeURIComponent(filename)}`
  parts.world.journal.putFile(id, upload.bytes)
  return {
    id,
    filename,
    size: upload.bytes.byteLength,
    url,
    proxy_url: url,
    content_type: shownType(filename) ?? 'application/octet-stream',
    ...(size ?? {}),
    ...descriptionOf(entry),
  }
}

const ICONS = ['author', 'footer'] as const
const PICTURES = ['image', 'thumbnail'] as const

/** Embeds as clients receive them: each `attachment://name` is replaced by the address of the file. */
export const finishEmbeds = (embeds: readonly Json[], files: readonly StoredFile[]): APIEmbed[] =>
  embeds.map((embed, index) => {
    const finished: Json = { ...embed, type: 'rich' }
    for (const part of PICTURES) {
      const picture = embed[part]
      if (!isObject(picture) || typeof picture.url !== 'string') continue
      const file = fileFor(picture.url, files, ['embeds', index, part, 'url'])
      finished[part] = file
        ? {
            url: file.url,
            proxy_url: file.url,
            content_type: file.content_type,
            ...dimensions(file),
            ...descriptionOf(file),
            flags: 0,
          }
        : { ...picture, proxy_url: picture.url }
    }
    for (const part of ICONS) {
      const holder = embed[part]
      if (!isObject(holder) || typeof holder.icon_url !== 'string') continue
      const file = fileFor(holder.icon_url, files, ['embeds', index, part, 'icon_url'])
      const url = file?.url ?? holder.icon_url
      finished[part] = { ...holder, icon_url: url, proxy_icon_url: url }
    }
    if (Array.isArray(embed.fields))
      finished.fields = embed.fields.filter(isObject).map((field) => ({ ...field, inline: field.inline === true }))
    return finished as unknown as APIEmbed
  })

const dimensions = (file: StoredFile) => (file.width && file.height ? { width: file.width, height: file.height } : {})

const fileFor = (url: string, files: readonly StoredFile[], place: (string | number)[]): StoredFile | null => {
  if (!url.startsWith('attachment://')) return files.find((file) => file.url === url) ?? null
  const name = url.slice('attachment://'.length)
  const file = files.find((candidate) => candidate.filename === name)
  return file ?? invalidForm(place, 'ATTACHMENT_NOT_FOUND', `No attachment is called ${name}.`)
}

/** True for a file that an embed shows; Discord does not list such a file among the attachments. */
export const shownInEmbeds = (file: StoredFile, embeds: readonly APIEmbed[]): boolean =>
  embeds.some((embed) =>
    [embed.image?.url, embed.thumbnail?.url, embed.author?.icon_url, embed.footer?.icon_url].includes(file.url),
  )

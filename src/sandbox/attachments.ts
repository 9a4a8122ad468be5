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

/** The files a message has after this draft: kept ones that it still wants, then the new ones, which are written down here. */
export const arrangeFiles = (
  parts: Parts,
  channelId: string,
  draft: MessageDraft,
  before: readonly StoredFile[],
): StoredFile[] => {
  const wanted = draft.attachments
  const said = (id: string) => wanted?.find((one) => String(one.id) === id)
  const kept = before
    .filter((file) => wanted === undefined || said(file.id))
    .map((file) => ({ ...file, ...described(said(file.id)) }))
  const fresh = draft.uploads.map((upload) => writeFile(parts, channelId, upload, said(upload.index)))
  return [...kept, ...fresh]
}

const described = (said: Json | undefined): { description?: string } =>
  typeof said?.description === 'string' ? { description: said.description } : {}

const writeFile = (parts: Parts, channelId: string, upload: Upload, said: Json | undefined): StoredFile => {
  const id = parts.snowflakes.next()
  const named = typeof said?.filename === 'string' ? said.filename : upload.filename
  // As Discord does: what does not belong into an address becomes an underscore.
  const filename = named.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(-200) || 'file'
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
    ...described(said),
  }
}

const ICONS = ['author', 'footer'] as const
const PICTURES = ['image', 'thumbnail'] as const

/** Embeds as people get them: `attachment://name` has become an address. */
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
            ...described({ description: file.description }),
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

/** A file that an embed shows is not listed among the attachments once more. */
export const shownInEmbeds = (file: StoredFile, embeds: readonly APIEmbed[]): boolean =>
  embeds.some((embed) =>
    [embed.image?.url, embed.thumbnail?.url, embed.author?.icon_url, embed.footer?.icon_url].includes(file.url),
  )

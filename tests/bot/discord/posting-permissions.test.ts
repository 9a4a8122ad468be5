import { PermissionsBitField } from 'discord.js'
import { expect, test } from 'vitest'
import { lackedPermissions, postingPermissions } from '../../../src/bot/discord/posting-permissions.ts'

const granted = (
  ...names: ('ViewChannel' | 'SendMessages' | 'SendMessagesInThreads' | 'EmbedLinks' | 'AttachFiles')[]
) => new PermissionsBitField(names)

test('a thread needs its own permission to send, a channel the ordinary one', () => {
  const channel = granted('ViewChannel', 'SendMessages', 'EmbedLinks', 'AttachFiles')
  const thread = granted('ViewChannel', 'SendMessagesInThreads', 'EmbedLinks')
  expect(lackedPermissions(channel, false)).toEqual([])
  expect(lackedPermissions(channel, true)).toEqual(['SendMessagesInThreads'])
  expect(lackedPermissions(thread, true)).toEqual(['AttachFiles'])
  expect(lackedPermissions(null, true)).toEqual(postingPermissions(true))
  expect(lackedPermissions(new PermissionsBitField('Administrator'), true)).toEqual([])
})

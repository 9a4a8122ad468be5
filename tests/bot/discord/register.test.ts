import {
  ApplicationCommandOptionType,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import { commands } from '../../../commands/index.ts'
import { commandsHash } from '../../../src/bot/discord/register.ts'

const all = commands.map(({ data }) => data)

describe('the hash of the commands', () => {
  test('does not depend on the order keys were written in', () => {
    const turned = all.map((data) => Object.fromEntries(Object.entries(data).toReversed()) as typeof data)
    expect(JSON.stringify(turned)).not.toBe(JSON.stringify(all))
    expect(commandsHash(turned)).toBe(commandsHash(all))
  })

  test('changes with any word of any command', () => {
    const changed = all.map((data, i) => (i === 3 ? { ...data, description: `${data.description}.` } : data))
    expect(commandsHash(changed)).not.toBe(commandsHash(all))
    expect(commandsHash(all.toReversed())).not.toBe(commandsHash(all))
  })
})

describe.for(all.map((data) => [data.name, data] as const))('/%s', ([, data]) => {
  test('is for guilds, described in English and Korean within the limits', () => {
    expect(data.contexts).toEqual([InteractionContextType.Guild])
    expect(data.integration_types).toEqual([ApplicationIntegrationType.GuildInstall])
    const described = [data, ...(data.options ?? [])]
    for (const { name, description, description_localizations } of described) {
      expect(name).toMatch(/^[a-z]{1,32}$/)
      expect(description.length).toBeLessThanOrEqual(100)
      expect(description_localizations?.ko).toMatch(/[가-힣]/)
      expect(description_localizations?.ko?.length).toBeLessThanOrEqual(100)
    }
  })

  test('completes its symbol, and nothing else', () => {
    const completed = (data.options ?? []).filter((option) => 'autocomplete' in option && option.autocomplete === true)
    const command = commands.find((one) => one.data === data)
    expect(completed.map(({ name }) => name)).toEqual(command?.complete ? ['symbol'] : [])
    expect(completed.every(({ type }) => type === ApplicationCommandOptionType.String)).toBe(true)
  })
})

test('what changes a channel is for those who manage the guild, what only answers is for everyone', () => {
  const managed = all.filter((data) => data.default_member_permissions === String(PermissionFlagsBits.ManageGuild))
  expect(managed.map(({ name }) => name)).toEqual(['watch', 'unwatch', 'sensitivity', 'language'])
  expect(all.filter((data) => data.default_member_permissions == null)).toHaveLength(5)
})

import {
  type ApplicationCommandOptionBase,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from 'discord.js'
import { en } from '../locale/en.ts'
import { ko } from '../locale/ko.ts'
import type { CommandName, Texts } from '../locale/texts.ts'

/** Starts a command for guilds that installed the bot, described in both languages. */
export const guildCommand = (name: CommandName): SlashCommandBuilder =>
  new SlashCommandBuilder()
    .setName(name)
    .setDescription(en.commands[name])
    .setDescriptionLocalizations({ ko: ko.commands[name] })
    .setContexts(InteractionContextType.Guild)
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall)

/**
 * Starts a command that changes what a channel gets. Only those who manage the guild may use it, unless its admins
 * decide otherwise.
 */
export const managedCommand = (name: CommandName): SlashCommandBuilder =>
  guildCommand(name).setDefaultMemberPermissions(PermissionFlagsBits.ManageGuild)

/** Names an option and describes it in both languages. */
export const named = <Option extends ApplicationCommandOptionBase>(
  option: Option,
  name: keyof Texts['options'],
): Option => option.setName(name).setDescription(en.options[name]).setDescriptionLocalizations({ ko: ko.options[name] })

/** The values that an option offers, named in both languages. */
export const choices = <Value extends keyof Texts['choices']>(values: readonly Value[]) =>
  values.map((value) => ({ name: en.choices[value], name_localizations: { ko: ko.choices[value] }, value }))

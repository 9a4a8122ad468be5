import {
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from 'discord.js'
import { en } from '../locale/en.ts'
import { ko } from '../locale/ko.ts'
import type { Texts } from '../locale/texts.ts'

/** The beginning of every command: its name as it is typed, described in both languages, for guilds that installed the bot. */
export const guildCommand = (name: keyof Texts['commands']): SlashCommandBuilder =>
  new SlashCommandBuilder()
    .setName(name)
    .setDescription(en.commands[name].description)
    .setDescriptionLocalizations({ ko: ko.commands[name].description })
    .setContexts(InteractionContextType.Guild)
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall)

/** The same for a command that changes what a channel gets: for those who manage the guild, unless its admins say otherwise. */
export const managedCommand = (name: keyof Texts['commands']): SlashCommandBuilder =>
  guildCommand(name).setDefaultMemberPermissions(PermissionFlagsBits.ManageGuild)

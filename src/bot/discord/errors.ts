/** The operator must act: the message names the setting and says what to do, and is shown without a stack. Known by its name to whoever composes the process. */
export class BotSetupError extends Error {
  override readonly name = 'SetupError'
}

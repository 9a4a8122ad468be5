import { byId, el } from './dom.js'

const sidebar = byId('sidebar')
const opener = byId('open-sidebar')
const scrim = byId('scrim')

/** Draws the guilds with their channels. `open(channel)` is called for the chosen one. */
export const drawSidebar = ({ guilds, channel: current, unread }, open) => {
  byId('guilds').replaceChildren(
    ...guilds.flatMap((guild) => [
      el('h2', { class: 'guild-name' }, guild.name),
      el(
        'ul',
        { class: 'channels' },
        guild.channels
          .filter(({ type }) => type === 0)
          .map((channel) =>
            el(
              'li',
              {},
              el(
                'button',
                {
                  type: 'button',
                  class: unread.has(channel.id) ? 'channel-link unread' : 'channel-link',
                  'aria-current': channel.id === current?.id ? 'page' : null,
                  onclick: () => open(channel),
                },
                channel.name,
              ),
            ),
          ),
      ),
    ]),
  )
}

/** Opens or closes the list of channels, which slides in over the messages on a phone. */
export const openSidebar = (open) => {
  sidebar.classList.toggle('open', open)
  scrim.hidden = !open
  opener.setAttribute('aria-expanded', String(open))
  if (open) sidebar.querySelector('button')?.focus()
}

opener.addEventListener('click', () => openSidebar(!sidebar.classList.contains('open')))
scrim.addEventListener('click', () => openSidebar(false))
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && sidebar.classList.contains('open')) {
    openSidebar(false)
    opener.focus()
  }
})

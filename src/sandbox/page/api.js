import { language, t } from './language.js'
import { discordLocale } from './texts.js'

/** A refusal of the API; its message is one sentence. */
class Refusal extends Error {}

const call = async (method, path, body) => {
  const headers = { 'x-discord-locale': discordLocale[language()] }
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response
  try {
    response = await fetch(`/api/v10${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new Refusal(t().unreachable)
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null)
  if (!response.ok) throw new Refusal(firstMistake(answer?.errors) ?? answer?.message ?? String(response.status))
  return answer
}

const firstMistake = (tree, place = '') => {
  if (!tree) return null
  if (tree._errors) return `${place ? `${place}: ` : ''}${tree._errors[0].message}`
  const [name, inner] = Object.entries(tree)[0] ?? []
  return inner ? firstMistake(inner, name) : null
}

export const api = {
  get: (path) => call('GET', path),
  post: (path, body) => call('POST', path, body),
  patch: (path, body) => call('PATCH', path, body),
}

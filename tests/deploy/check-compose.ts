import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import addFormats from 'ajv-formats'
import type { ComposeFile, Service } from './compose-file.ts'

/** Everything that is wrong with a compose file, a line each. */
export const problemsOf = (file: ComposeFile): string[] => [
  ...schemaProblems(file),
  ...Object.entries(file.services ?? {}).flatMap(([name, service]) =>
    [...danglingNames(file, service), ...brokenRules(file, service)].map((problem) => `${name}: ${problem}`),
  ),
]

const namesOf = (list: readonly unknown[] | Readonly<Record<string, unknown>> | undefined): string[] => {
  if (!Array.isArray(list)) return Object.keys(list ?? {})
  return list.map((entry) => (typeof entry === 'object' ? entry.source : entry))
}

/** The compose specification's JSON schema lies in the package of a linter. Its own formats say nothing here. */
const schemaProblems = (() => {
  const require = createRequire(import.meta.url)
  const packageFile = require.resolve('dclint/package.json')
  const schema = JSON.parse(readFileSync(join(dirname(packageFile), 'schemas/compose.schema.json'), 'utf8'))
  delete schema.$schema
  const ajv = new Ajv2019({ strict: false, allErrors: true, allowUnionTypes: true })
  addFormats.default(ajv)
  for (const format of ['expose', 'ports', 'subnet_ip_address']) ajv.addFormat(format, true)
  const validate = ajv.compile(schema)
  return (file: ComposeFile): string[] =>
    validate(file)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
        )
})()

/** A schema cannot see whether a name is declared. */
const danglingNames = (file: ComposeFile, service: Service): string[] => {
  const undeclared = (kind: 'networks' | 'secrets' | 'configs') =>
    namesOf(service[kind])
      .filter((name) => name !== 'default' && !(name in (file[kind] ?? {})))
      .map((name) => `${kind} has no ${name}`)
  return [
    ...namesOf(service.depends_on)
      .filter((name) => !(name in file.services))
      .map((name) => `services has no ${name}`),
    ...(['networks', 'secrets', 'configs'] as const).flatMap(undeclared),
    ...volumeNames(service)
      .filter((name) => !(name in (file.volumes ?? {})))
      .map((name) => `volumes has no ${name}`),
    ...(service.image || service.build || service.extends ? [] : ['neither image nor build']),
  ]
}

const volumeNames = ({ volumes = [] }: Service): string[] =>
  volumes.flatMap((volume) => {
    if (typeof volume !== 'string') return volume.type === 'volume' ? (volume.source ?? []) : []
    const source = volume.includes(':') ? (volume.split(':')[0] ?? '') : ''
    return /^\w[\w.-]*$/.test(source) ? [source] : []
  })

const SECRET_PATH = /^\/run\/secrets\/(.+)$/

/** True for a service that does one thing at the start and ends. */
const ends = (service: Service | undefined): boolean => service?.restart === 'no'

const isChecked = (service: Service | undefined): boolean => (service?.healthcheck?.test.length ?? 0) > 1

/** The rules of this repository for a service. */
const brokenRules = (file: ComposeFile, service: Service): string[] => {
  const broken: string[] = []
  const rule = (isKept: boolean, problem: string) => {
    if (!isKept) broken.push(problem)
  }
  rule(Boolean(service.build) || /:\d+\.\d+\.\d+$/.test(service.image ?? ''), 'its version is not pinned')
  rule(ends(service) || isChecked(service), 'no health check')
  const limits = service.deploy?.resources?.limits ?? {}
  rule('cpus' in limits && 'memory' in limits && 'pids' in limits, 'no limit for one of cpus, memory and pids')
  rule(/^[1-9]\d*:[1-9]\d*$/.test(service.user ?? ''), 'runs as root')
  rule((service.profiles?.length ?? 0) > 0, 'belongs to no profile')
  for (const port of service.ports ?? [])
    rule(String(port).startsWith('127.0.0.1:'), `port ${port} is open to other machines`)

  const given = namesOf(service.secrets)
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    const secret = SECRET_PATH.exec(value)?.[1]
    if (secret !== undefined) rule(given.includes(secret), `${name} names the secret ${secret}, which it is not given`)
    const isSecret = /PASSWORD|TOKEN|SECRET|_KEY|DATABASE_URL|BRIDGE_URL/.test(name)
    rule(!isSecret || (name.endsWith('_FILE') && secret !== undefined), `${name} is a secret that is no file`)
  }
  const read = Object.values(service.environment ?? {}).flatMap((value) => SECRET_PATH.exec(value)?.[1] ?? [])
  for (const secret of given) rule(read.includes(secret), `it is given the secret ${secret}, which no setting names`)

  for (const name of namesOf(service.depends_on)) {
    const other = file.services[name]
    const missing = service.profiles?.filter((profile) => !other?.profiles?.includes(profile)) ?? []
    rule(missing.length === 0, `${name} does not run in the profile ${missing.join(', ')}`)
    const condition = Array.isArray(service.depends_on) ? '' : Object(service.depends_on)[name]?.condition
    const isKept = condition === 'service_healthy' ? isChecked(other) : true
    rule(isKept, `${name} has no health that could be waited for`)
    rule(
      (condition === 'service_completed_successfully') === ends(other),
      `${name} ends, or does not, against ${condition}`,
    )
  }
  return broken
}

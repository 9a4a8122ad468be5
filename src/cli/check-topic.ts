import type { Config } from '../config.ts'
import { type GroupState, openTopicCheck } from '../pipeline/topic/check.ts'
import { topicOf } from '../roles/topic.ts'
import type { Checks, Finding } from './checks.ts'
import { counted } from './terminal.ts'

/** Checks the brokers and the topic; and where several processes work, the group of its detectors. */
export const checkTopic = async (config: Config, { attempt, tell }: Checks): Promise<void> => {
  const settings = topicOf(config)
  const { topic } = settings
  const check = await openTopicCheck(settings)
  try {
    const partitions = await attempt('Kafka', async () => {
      const value = await check.partitions()
      const where = `topic ${topic} at ${settings.brokers.join(', ')} has ${counted(value, 'partition')}`
      return { value, message: config.ROLE === 'all' ? `${where}; it is not used, since ROLE is all` : where }
    })
    if (partitions === null || config.ROLE === 'all') return
    const group = await attempt('detectors', async () => ({ value: await check.group(), message: null }))
    if (group) tell({ check: 'detectors', ...groupFinding(group, partitions) })
  } finally {
    await check.close()
  }
}

const groupFinding = ({ name, members, behind }: GroupState, partitions: number): Omit<Finding, 'check'> => {
  const late = [...behind].filter(([, messages]) => messages > 0)
  const total = late.reduce((sum, [, messages]) => sum + messages, 0)
  const each = late.map(([partition, messages]) => `${messages} in partition ${partition}`).join(', ')
  const wait = total === 0 ? 'no message behind' : `${counted(total, 'message')} behind (${each})`
  if (members === 0)
    return { ok: total === 0, message: `none in the group ${name}, ${wait}: start one with ROLE=detector` }
  const idle = Math.max(0, members - partitions)
  const spare = idle === 0 ? '' : `; ${idle} of them without a partition, until another one ends`
  return { ok: true, message: `${members} in the group ${name}, ${wait}${spare}` }
}

// Reads an array of simulations from stdin, writes an array of answers to stdout: {allowed} or {error}.
// A condition key that the simulator would leave out, because its data do not list it for the action, is an error too.
import { text } from 'node:stream/consumers'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

const named = (policies) => policies.map((policy, index) => ({ name: `policy-${index}`, policy }))

function simulation(one) {
  return {
    request: {
      principal: one.principal ?? anonymousPrincipal,
      action: one.action,
      resource: { resource: one.resource, accountId: one.resource_account },
      contextVariables: one.context,
    },
    identityPolicies: named(one.identity),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    sessionPolicy: one.session ?? undefined,
    resourcePolicy: one.resource_policy ?? undefined,
    vpcEndpointPolicies: one.endpoint ? named([one.endpoint]) : undefined,
  }
}

async function answer(one) {
  const found = await runSimulation(simulation(one), {})
  if (found.resultType !== 'single') return { error: JSON.stringify(found.errors ?? found.resultType) }
  const ignored = found.result.ignoredContextKeys
  return ignored.length > 0 ? { error: `ignored ${ignored}` } : { allowed: found.overallResult === 'Allowed' }
}

const answers = []
for (const one of JSON.parse(await text(process.stdin))) answers.push(await answer(one))
process.stdout.write(JSON.stringify(answers))

/** The Tinker engine under the same contract as the others: JSON and protobuf, on servers that sum and on one that takes means. */
import { afterAll } from 'vitest';
import { connect } from '../tinker-server/connect.ts';
import { hosted, type ServerProfile, skyrlJax } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';
import { engineContract } from './engine-contract.ts';

const servers: TinkerServer[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

const POLICY = { vocabularySize: 9, maxContext: 32, seed: 1 };

const started = new Map<ServerProfile, Promise<TinkerServer>>();

/** One server of each kind: its models begin with the same weights. */
function serverOf(profile: ServerProfile): Promise<TinkerServer> {
  const found = started.get(profile);
  if (found !== undefined) return found;
  const starting = startTinkerServer({ policy: POLICY, profile }).then((server) => {
    servers.push(server);
    return server;
  });
  started.set(profile, starting);
  return starting;
}

// float32 is what travels; everything behind it is float64
const tolerance = 2e-6;

/** The hosted service, had it the metric that these promises look at. */
const withNorms: ServerProfile = { ...hosted, reportsGradNorm: true };

const means: ServerProfile = { ...skyrlJax };

const skips = {
  'token t of completion i is drawn by uniform(childKey(key, i), t) through the inverse CDF in order of token id':
    'the server draws from a seed by a generator of its own',
  'exported weights lie beside a config.json': 'servers pack an archive of their own layout, which is kept as it is',
  'a state is what it was when saveState was called, whatever follows':
    'the file names a place on the server, a new one each time; test/tinker/states.test.ts compares what lies there',
};

for (const wire of ['json', 'protobuf'] as const)
  engineContract(
    `the Tinker engine by ${wire} on a server of sums`,
    async () => connect(await serverOf(withNorms), 'hosted', { wire }),
    { tolerance, skips },
  );

const noClipping = 'this server does not clip gradients: other values of maxGradNorm than 0 are refused';
const oneCopy = 'this server keeps one copy of the weights: an older sampler is refused';

engineContract('the Tinker engine on a server of means', async () => connect(await serverOf(means), 'skyrl-jax'), {
  tolerance,
  skips: {
    ...skips,
    'a gradient above maxGradNorm is scaled down to it, one below is left alone': noClipping,
    'training by cross_entropy lowers the loss': noClipping,
    'an old sampler stays frozen while the engine learns': oneCopy,
    'calls take effect in the order they are made, awaited or not': oneCopy,
  },
});

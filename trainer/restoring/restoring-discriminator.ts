// The discriminator of the realism term. Relativistic pairing and Wasserstein's objective train differences of logits alone, so that
// -log sigmoid(logit) may be flat for every image until the logits are calibrated. All others keep their own logits.
import type { TrainConfig } from '../config/fields.ts';
import { calibratedDiscriminator } from '../frozen/calibrated-discriminator.ts';
import type { FrozenDiscriminator } from '../frozen/frozen-networks.ts';
import type { PlattScaling } from '../frozen/platt-scaling.ts';
import { discriminatorOutputs } from '../run/discriminator-outputs.ts';

/** True if the logits of a run's discriminator have no zero of their own. */
export function hasRelativeLogits({ objective }: Pick<TrainConfig, 'objective'>): boolean {
  return discriminatorOutputs[objective].isRelative === true;
}

/** D for the realism term: calibrated if its logits need it and a calibration was found (see CalibrationResult), else as it is. */
export function restoringDiscriminator(
  frozen: FrozenDiscriminator,
  config: Pick<TrainConfig, 'objective'>,
  calibration: PlattScaling | null,
): FrozenDiscriminator {
  return calibration !== null && hasRelativeLogits(config)
    ? calibratedDiscriminator(frozen, calibration)
    : frozen;
}

// The limits of a card's figures. Each limit is a sentence or two, and there only where it applies.
import { isOfAudit, type Card } from './card.ts';

/** The limits of a model and its figures. */
export function limitsOf(card: Omit<Card, 'stated' | 'limits'>): readonly string[] {
  const { model, metrics, findings, audit, origin, training } = card;
  const figures = JSON.stringify([metrics, findings]);
  const isMeasured = metrics.some((metric) => !isOfAudit(metric)) || findings.length > 0;
  const hasDiscriminator = model.files.some(({ role }) => role === 'discriminator' || role === 'restoring');
  const limits: readonly (string | false)[] = [
    !isMeasured &&
      'Nothing was measured: how close the images are to the training images, and how varied they are, is not known.',
    isMeasured &&
      'Distances compare two sets of images as a whole, in the features of one network. They do not see a single bad image, a rare kind ' +
        'of image that is missing, or whatever that network does not see.',
    isMeasured &&
      'Figures are comparable only where network, number of images and preprocessing are the same.',
    figures.includes('no FID') &&
      'The feature network is a small one of this program. Its Fréchet distance is no FID, and cannot be compared with those of papers.',
    audit === null
      ? 'Whether images repeat training images was not tested: there is no audit.'
      : 'An audit finds what it looks for, among the images that it has looked at. It does not prove that no training image can be drawn.',
    model.conditioning !== null &&
      'No distance says whether an image shows the condition that was asked for.',
    hasDiscriminator &&
      'The package holds the discriminator, whose scores may tell which images it was trained on.',
    training === null &&
      origin !== null &&
      'The model was trained by another program: what is not in its file or stated here is not known.',
    'The images follow the training images. What these lack, or show in an unfair share, the model lacks too.',
  ];
  return limits.filter((limit) => limit !== false);
}

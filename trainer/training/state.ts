// Names of a parameter's entries in the training state, which pages share.
export { slotNames } from '../../runtime-web/format/training/slot-names.ts';

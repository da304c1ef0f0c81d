import { Viewer } from './viewer';

export default function Page() {
  return <Viewer seed={42} />;
}

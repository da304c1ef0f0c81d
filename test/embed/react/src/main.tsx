import { StrictMode, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { DcganViewer } from 'dcgan-viewer';
import 'dcgan-viewer/react';

function App() {
  const viewer = useRef<DcganViewer>(null);
  const [seed, setSeed] = useState(42);
  return (
    <>
      <dcgan-viewer ref={viewer} src="model/model.json" alt="A garment" seed={seed} style={{ width: 200 }} />
      <button onClick={() => setSeed(seed + 1)}>Next</button>
      <button onClick={() => viewer.current?.sample()}>Any</button>
    </>
  );
}

// @ts-expect-error A list is no seed.
export const wrongValue = () => <dcgan-viewer seed={[]} />;
// @ts-expect-error There is no such attribute.
export const wrongName = () => <dcgan-viewer sead={1} />;

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

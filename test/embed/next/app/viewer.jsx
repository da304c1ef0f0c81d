'use client';
import 'dcgan-viewer/react';

export const Viewer = ({ seed }) => <dcgan-viewer src="/model/model.json" alt="A garment" seed={seed} />;

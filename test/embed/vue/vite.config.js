import vue from '@vitejs/plugin-vue';

const isCustomElement = (tag) => tag === 'dcgan-viewer';

export default { base: './', plugins: [vue({ template: { compilerOptions: { isCustomElement } } })] };

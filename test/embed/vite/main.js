import 'dcgan-viewer/element';

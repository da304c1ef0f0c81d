// The viewer's texts in other languages, by language code: a chunk of its own, fetched by pages in one of them. A new language is a row.
import type { ViewerStrings } from './strings.ts';

/** The texts by language code; languageCodes in elements/words.ts lists the codes. */
export const languages: Readonly<Record<string, ViewerStrings>> = {
  de: {
    picture: 'Generiertes Bild',
    loading: 'Modell wird geladen',
    ready: '{name} ist bereit',
    shown: 'Bild {seed}',
    failed: 'Das Bild konnte nicht gezeichnet werden: {message}',
    previous: 'Voriges Bild',
    play: 'Abspielen',
    pause: 'Anhalten',
    another: 'Anderes Bild',
    next: 'Nächstes Bild',
  },
  fr: {
    picture: 'Image générée',
    loading: 'Chargement du modèle',
    ready: '{name} est prêt',
    shown: 'Image {seed}',
    failed: 'L’image n’a pas pu être dessinée : {message}',
    previous: 'Image précédente',
    play: 'Lecture',
    pause: 'Pause',
    another: 'Autre image',
    next: 'Image suivante',
  },
  es: {
    picture: 'Imagen generada',
    loading: 'Cargando el modelo',
    ready: '{name} está listo',
    shown: 'Imagen {seed}',
    failed: 'No se pudo dibujar la imagen: {message}',
    previous: 'Imagen anterior',
    play: 'Reproducir',
    pause: 'Pausar',
    another: 'Otra imagen',
    next: 'Imagen siguiente',
  },
};

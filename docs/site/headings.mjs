import { Converter, ReflectionKind } from 'typedoc';

const HEADING = /^# (.+)\n/;

/** A TypeDoc plugin that names documents in the navigation by their heading instead of by their file. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const document of project.getReflectionsByKind(ReflectionKind.Document)) {
      const heading = HEADING.exec(document.content[0]?.text ?? '')?.[1];
      if (heading) document.name = `${document.name.startsWith('docs/') ? 'Guides' : 'Project'}/${heading}`;
    }
    // The page begins with the project's name already.
    const [first] = project.readme ?? [];
    if (first) first.text = first.text.replace(HEADING, '');
  });
}

import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc, { type Arbitrary } from 'fast-check';
import type { ContainerResources } from 'istio-module';
import { mostly, oddNumber, oddText, some } from './values';

const UNITS = [
  '',
  'n',
  'u',
  'm',
  'k',
  'Ki',
  'M',
  'Mi',
  'G',
  'Gi',
  'T',
  'Ti',
  'P',
  'Pi',
  'E',
  'Ei',
  'e3',
  'E-2',
  'e+1',
  'e99',
];

/** Quantities of all forms, and texts that are nearly quantities. */
export const quantity: Arbitrary<string> = mostly(
  fc
    .tuple(
      fc.oneof(
        fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String),
        fc.integer({ min: 0, max: 2000 }).map(String),
        fc.tuple(fc.nat(), fc.nat()).map(([whole, part]) => `${String(whole)}.${String(part)}`),
        fc.constantFrom(
          '.5',
          '5.',
          '0',
          '00',
          '0.000000001',
          '9007199254740992',
          '9007199254740993',
          '9223372036854775807',
        ),
      ),
      fc.constantFrom(...UNITS),
    )
    .map((parts) => parts.join('')),
  fc.oneof(
    oddText,
    fc.constantFrom(
      '1e',
      '1K',
      '1mi',
      '-1',
      '+1',
      '1 Gi',
      '.',
      '1e1000',
      '1.2.3',
      '1e1.5',
      '0x10',
      '1Zi',
      'Infinity',
      '1_000',
    ),
    oddNumber as unknown as Arbitrary<string>,
  ),
  8,
);
const amounts = some<NonNullable<ContainerResources['limits']>>({
  cpu: mostly<string | Cpu>(
    quantity,
    fc.oneof(
      fc.integer({ min: 0, max: 4000 }).map((millis) => Cpu.millis(millis)),
      oddNumber.map((units) => Cpu.units(units)),
    ),
    5,
  ),
  memory: mostly<string | Size>(
    quantity,
    fc
      .tuple(fc.constantFrom(Size.kibibytes, Size.mebibytes, Size.gibibytes), fc.double({ min: 0, noNaN: true }))
      .map(([of, amount]) => of(amount)),
    5,
  ),
});

/** What a container asks for and may use. */
export const resources: Arbitrary<ContainerResources> = some<ContainerResources>({
  requests: amounts,
  limits: amounts,
});

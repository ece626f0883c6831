import { Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { ErrorResourceInitFailed } from '@pulumi/pulumi/proto/provider_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { type IResourceProviderServer, ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { type JavaScriptValue, Struct } from 'google-protobuf/google/protobuf/struct_pb';
import type { Message } from 'google-protobuf';

import type { JsonObject } from './field-shape';
import { KubernetesProvider, NotReadyError, typeOf } from './provider';

const toJson = (struct: Struct | undefined) => (struct?.toJavaScript() ?? {}) as JsonObject;
const toStruct = (json: JsonObject) => Struct.fromJavaScript(json as Record<string, JavaScriptValue>);

let provider: KubernetesProvider | undefined;

function configured(): KubernetesProvider {
  if (provider === undefined) {
    throw new Error('the provider is used before it is configured');
  }
  return provider;
}

/** A handler of one kind of request, from a function that answers or throws. */
function handler<Request, Response>(answer: (request: Request) => Promise<Response> | Response) {
  return (
    { request }: { request: Request },
    callback: (error: Partial<ServiceError> | null, response?: Response) => void,
  ) => {
    Promise.resolve()
      .then(() => answer(request))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(wireError(error));
        },
      );
  };
}

function wireError(error: unknown): Partial<ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof NotReadyError) {
    const failed = new ErrorResourceInitFailed();
    failed.setId(error.id);
    failed.setProperties(toStruct(error.outputs));
    failed.setReasonsList([message]);
    metadata.add('grpc-status-details-bin', Buffer.from(statusMessage(message, failed)));
  }
  return { code: status.UNKNOWN, details: message, message, metadata };
}

/** A google.rpc.Status, whose three fields are written by hand: code 1, message 2, details 3. */
function statusMessage(message: string, detail: Message): Uint8Array {
  const any = new Any();
  any.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const field = (number: number, content: Uint8Array) =>
    Buffer.concat([Buffer.from([(number << 3) | 2]), length(content.length), content]);
  const code = Buffer.from([1 << 3, status.UNKNOWN]);
  return Buffer.concat([code, field(2, Buffer.from(message)), field(3, any.serializeBinary())]);
}

function length(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) {
      return Buffer.from([...bytes, rest]);
    }
    bytes.push((rest & 127) | 128);
  }
}

function diffResponse(before: JsonObject, inputs: JsonObject): messages.DiffResponse {
  const { changes, replaces } = configured().diff(before, inputs);
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
  const response = new messages.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  response.setReplacesList([...replaces]);
  response.setDiffsList([...new Set(changes.map(({ path }) => path.split(/[.[]/)[0] ?? ''))]);
  for (const { path, change } of changes) {
    const diff = new messages.PropertyDiff();
    const [plain, replacing] = {
      add: [ADD, ADD_REPLACE],
      delete: [DELETE, DELETE_REPLACE],
      update: [UPDATE, UPDATE_REPLACE],
    }[change] as [messages.PropertyDiff.Kind, messages.PropertyDiff.Kind];
    diff.setKind(replaces.includes(path) ? replacing : plain);
    diff.setInputdiff(true);
    response.getDetaileddiffMap().set(path, diff);
  }
  return response;
}

const service: Partial<IResourceProviderServer> = {
  getPluginInfo: handler(() => {
    const info = new PluginInfo();
    info.setVersion('4.34.2');
    return info;
  }),
  attach: handler(() => new Empty()),
  getSchema: handler(() => {
    const response = new messages.GetSchemaResponse();
    response.setSchema('{}');
    return response;
  }),
  checkConfig: handler((request: messages.CheckRequest) => {
    const response = new messages.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }),
  diffConfig: handler(() => new messages.DiffResponse()),
  configure: handler(async (request: messages.ConfigureRequest) => {
    provider = await KubernetesProvider.configure(toJson(request.getArgs()));
    // Without secrets and references of its own: the engine then marks as secret what was secret in the inputs.
    return new messages.ConfigureResponse();
  }),
  check: handler((request: messages.CheckRequest) => {
    const response = new messages.CheckResponse();
    const name = request.getUrn().split('::').at(-1) ?? '';
    response.setInputs(toStruct(configured().check(name, toJson(request.getOlds()), toJson(request.getNews()))));
    return response;
  }),
  diff: handler((request: messages.DiffRequest) =>
    diffResponse(toJson(request.getOldInputs()), toJson(request.getNews())),
  ),
  create: handler(async (request: messages.CreateRequest) => {
    const inputs = toJson(request.getProperties());
    const { id, outputs } = await configured().create(request.getUrn(), inputs, request.getTimeout());
    const response = new messages.CreateResponse();
    response.setId(id);
    response.setProperties(toStruct(outputs));
    return response;
  }),
  read: handler(async (request: messages.ReadRequest) => {
    const [inputs, outputs] = [toJson(request.getInputs()), toJson(request.getProperties())];
    const state = await configured().read(request.getId(), typeOf(request.getUrn()), inputs, outputs);
    const response = new messages.ReadResponse();
    if (state !== undefined) {
      response.setId(state.id);
      response.setInputs(toStruct(state.inputs));
      response.setProperties(toStruct(state.outputs));
    }
    return response;
  }),
  update: handler(async (request: messages.UpdateRequest) => {
    const inputs = toJson(request.getNews());
    const { outputs } = await configured().update(request.getUrn(), inputs, request.getTimeout());
    const response = new messages.UpdateResponse();
    response.setProperties(toStruct(outputs));
    return response;
  }),
  delete: handler(async (request: messages.DeleteRequest) => {
    await configured().delete(request.getUrn(), toJson(request.getProperties()), request.getTimeout());
    return new Empty();
  }),
  cancel: handler(() => {
    provider?.cancel();
    return new Empty();
  }),
};

/** The engine stops its plugins; should it be killed, they have to notice by themselves. */
function exitWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      process.exit(1);
    }
  }, 250).unref();
}

exitWithParent();
process.stderr.write('using the stand-in for the Kubernetes provider: pulumi-resource-kubernetes is not installed\n');
const limit = 400 * 1024 * 1024;
const server = new Server({ 'grpc.max_receive_message_length': limit, 'grpc.max_send_message_length': limit });
server.addService(ResourceProviderService, service as IResourceProviderServer);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) {
    throw error;
  }
  // The engine reads the port from the first line.
  process.stdout.write(`${String(port)}\n`);
});

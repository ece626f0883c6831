// What the pods of the real node run: no dependencies, so that it is built in seconds.
module traffic-app

go 1.26.0

// Package rehearse tries out a department's plug-in before it goes live: whether
// it keeps the contract as a process ([Conform]), and which decisions a version
// would change ([Compare]). It starts processes through the host's own code and
// leaves nothing behind.
package rehearse
